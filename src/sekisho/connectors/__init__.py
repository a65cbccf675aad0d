"""What other tools wrote, read into drafts: `contents` lists the tools, `language` is the words they may use.

A tool is one folder: `read` (input and output, no thought) and `parse` (thought, no input or output). A new tool is a
copy of that plan, one line in `contents`, and a folder of fixtures of the same name beside the tests.
"""
