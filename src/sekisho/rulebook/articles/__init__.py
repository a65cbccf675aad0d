"""One module an article, in the rule's order; guidelines stand with their article."""
