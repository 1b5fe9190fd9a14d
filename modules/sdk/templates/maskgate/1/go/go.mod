module maskgate/{{name}}

go 1.26

require maskgate/guest v0.0.0

replace maskgate/guest => {{sdk}}/go
