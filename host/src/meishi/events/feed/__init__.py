"""The feed: the log of one workspace, pulled by whoever may see it, in the order of delivery."""
