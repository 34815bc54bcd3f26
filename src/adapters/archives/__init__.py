"""Where logs of builds are kept when their containers are gone."""
