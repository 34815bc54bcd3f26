"""What is kept and for how long, and how what nobody needs is found and removed."""
