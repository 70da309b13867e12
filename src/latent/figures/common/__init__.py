"""Code shared by all figures: style, page layout, tables of images."""
