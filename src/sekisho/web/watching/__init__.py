"""What the pages of the watch read and work out: pure functions over frames of judged events, no HTTP."""
