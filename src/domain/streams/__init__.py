"""One reading for many, several readings as one, and how they are left."""
