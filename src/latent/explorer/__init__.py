"""The explorer: a local page in the browser on which trained models can be used.

The server keeps trained models in memory and nothing else. Whatever a page needs again, such as the
embedding of a photo, is sent to the page and comes back with its next request.
"""
