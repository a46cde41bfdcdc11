"""Events across processes: each side follows the feed of the other, with a cursor of its own."""
