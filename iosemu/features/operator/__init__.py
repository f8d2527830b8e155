"""The operator's mode: what one does to a lab from outside its routers."""
