"""What starts servers from images."""
