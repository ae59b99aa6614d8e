"""The dialect of Kubernetes: the pods that each kind runs, and the attributes of each canonical type."""
