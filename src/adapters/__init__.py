"""Where the domain's ports meet technology. Only bootstrap, through the plugins, knows what is in here."""
