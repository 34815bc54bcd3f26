"""Source resolvers, one technology each."""
