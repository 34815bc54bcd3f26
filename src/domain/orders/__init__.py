"""How a wish becomes a build that may begin: what is ordered, whose turn it is, what one may have at once."""
