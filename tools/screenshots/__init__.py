"""Pictures of the page for the documentation, taken of a service that looks like one that is used."""
