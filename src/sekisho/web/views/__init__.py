"""One module a page: parse, call, render. Module, template, test and URL share their name."""
