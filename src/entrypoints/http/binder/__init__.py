"""BinderHub's build endpoint on our use cases, so that the pages of its clients go on working."""
