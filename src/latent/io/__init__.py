"""What every stage reads and writes: whole files, processed datasets, and where they are."""
