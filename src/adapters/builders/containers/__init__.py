"""What the containers of a build are, wherever they run: their records, what they are told, and how they end."""
