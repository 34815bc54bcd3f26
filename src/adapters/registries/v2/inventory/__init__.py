"""The images of a registry as this service knows them."""
