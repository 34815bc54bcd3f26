"""What administrators write as lists of entries: checked, and told about in sentences."""
