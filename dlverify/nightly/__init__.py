"""Night after night: the same claims with fresh seeds in every cell of a matrix, and what really changed."""
