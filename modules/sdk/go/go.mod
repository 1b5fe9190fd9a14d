module maskgate/guest

go 1.26
