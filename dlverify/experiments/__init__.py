"""The parametrized experiments, one module a family; none imports another, what they share is in `dlverify.lab`."""
