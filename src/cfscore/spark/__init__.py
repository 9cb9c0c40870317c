"""Spark: a plan applied to the partitions of a Spark data frame.

The same function scores the blocks of a Ray data set and the partitions of a Dask data
frame::

    from cfscore.scoring.files import batch_function

    function = batch_function("card.cfs", reasons=4, keep=["id"])
    ray_dataset.map_batches(function, batch_format="pyarrow")
    dask_frame.map_partitions(function, meta=function(dask_frame._meta))
"""

from cfscore.spark._score import score

__all__ = ["score"]
