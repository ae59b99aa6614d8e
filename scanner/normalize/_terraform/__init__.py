"""The dialect of Terraform: how resources refer to each other, and getters of their attributes by family and cloud."""
