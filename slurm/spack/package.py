"""Spack recipe. From a repository of your own: repos/<name>/packages/guidefund/package.py, then

    spack dev-build guidefund@main        # from a clone, in its top folder
"""

from spack.package import *


class Guidefund(CMakePackage):
    """Monte Carlo engine for government-guided venture portfolios."""

    homepage = "https://github.com/guidefund/guidefund"
    git = "https://github.com/guidefund/guidefund.git"

    license("GPL-3.0-or-later")

    version("main", branch="main")

    variant("shared", default=False, description="Build the library as a shared one")

    depends_on("c", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("gsl@2.7:")
    depends_on("hdf5@1.10:~mpi")
    depends_on("libyaml")
    depends_on("libdeflate")
    depends_on("zlib-api")

    generator("ninja")

    def cmake_args(self):
        return [self.define("GF_TESTS", False), self.define_from_variant("BUILD_SHARED_LIBS", "shared")]
