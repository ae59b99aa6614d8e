"""What is known of service meshes, one file for each way to be in one; for `mesh_mtls` and `mesh_clients`."""
