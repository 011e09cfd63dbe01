"""What a user does about what they pay: buying, changing, ending, and Stripe's own pages."""
