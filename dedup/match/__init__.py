"""What two texts share, and what that makes them."""
