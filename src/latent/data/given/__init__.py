"""Files that a user gives: found by name in a folder or a zip; what images among them show."""
