"""What all figures share: style, page, tables of images, the normal distribution."""
