"""What administrators say of images: which to offer first, to whom, and which to keep."""
