"""One module for each page that is made: `page()` gives its Markdown. They know the product; it knows none of them."""
