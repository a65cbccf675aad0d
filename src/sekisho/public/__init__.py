"""What the public can read without sign-in: nothing but what the rule wants shown."""
