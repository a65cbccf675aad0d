"""Clock, identifiers, errors and texts: what every other layer may use, and which itself knows nothing."""
