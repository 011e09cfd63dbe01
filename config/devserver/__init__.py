"""The development server behind `make run`: real services, set-up and supervised processes on one machine."""
