"""Files shared by all stages: atomic writes, processed datasets and the paths of the outs."""
