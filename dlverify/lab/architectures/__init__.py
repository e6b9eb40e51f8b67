"""Published architectures as plain torch.nn modules, built from their published hyper-parameters.

They are what claims count (on the meta device, where a parameter has a shape and no storage), train and take apart. Each
is a function or class that a `Subject` can name, so that somebody else's network can be put in its place.
"""
