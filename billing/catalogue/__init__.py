"""What is sold: the shipped catalogues, their typed form and their loader."""
