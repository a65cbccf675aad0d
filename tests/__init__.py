"""The product's tests, in the same tree as the product."""
