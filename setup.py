"""What pyproject.toml cannot say: the compiled kernel, which the product runs without where it cannot be built."""

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:
    kernel = []
else:
    kernel = cythonize(
        Extension(
            "sekisho.watch.kernel",
            ["src/sekisho/watch/kernel.pyx"],
            # Sums and products of floats are those of the pure twin, bit for bit: never fused, never reordered.
            extra_compile_args=["-O3", "-ffp-contract=off", "-fno-strict-aliasing"],
        ),
        build_dir="build/cython",
    )
    for extension in kernel:
        extension.optional = True  # cythonize loses it

setup(ext_modules=kernel)
