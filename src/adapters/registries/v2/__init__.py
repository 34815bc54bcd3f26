"""A container registry that speaks version 2 of Docker's registry protocol."""
