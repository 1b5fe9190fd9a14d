module maskgate/{{name}}

go 1.26
