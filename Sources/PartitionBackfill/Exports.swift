// A user's package imports this module alone and sees what a job is made of.
@_exported public import Partitions
@_exported public import Transforms
