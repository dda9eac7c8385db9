# What `cmake --install` gives: program, library, headers, pkg-config file, man page, completion, configs, readers.
install(TARGETS guidefund ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET guidefund_program)
  install(TARGETS guidefund_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# Headers include one another as "base/status.h", below one folder that pkg-config names. Private ones stay here.
install(FILES engine/guidefund.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/guidefund)
install(DIRECTORY engine/base engine/random engine/portfolio engine/run engine/io
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/guidefund FILES_MATCHING PATTERN "*.h"
        PATTERN "*_hot.h" EXCLUDE REGEX "/io/[a-z0-9]+_[a-z0-9_]+\\.h$" EXCLUDE)

# HDF5 has no pkg-config name that all systems share: name what CMake found. A static library needs its dependencies
# in Libs, a shared one does not.
list(JOIN HDF5_C_LIBRARIES " " GF_PC_HDF5)
set(GF_PC_DEPENDENCIES "${GF_PC_HDF5} ${OpenMP_C_FLAGS} -lm")
set(GF_PC_REQUIRES "gsl yaml-0.1 libdeflate zlib")
if(BUILD_SHARED_LIBS)
  set(GF_PC_LINES "Requires.private: ${GF_PC_REQUIRES}\nLibs: -L\${libdir} -lguidefund\nLibs.private: ${GF_PC_DEPENDENCIES}")
else()
  set(GF_PC_LINES "Requires: ${GF_PC_REQUIRES}\nLibs: -L\${libdir} -lguidefund ${GF_PC_DEPENDENCIES}")
endif()
# Relative to itself, so that `cmake --install --prefix` may choose another place than was configured.
file(RELATIVE_PATH GF_PC_UP ${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" GF_PC_UP "${GF_PC_UP}")
configure_file(cmake/guidefund.pc.in guidefund.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/guidefund.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES docs/man/guidefund.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES script/completions/guidefund.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME guidefund)
install(DIRECTORY configs analysis DESTINATION ${CMAKE_INSTALL_DATADIR}/guidefund USE_SOURCE_PERMISSIONS
        PATTERN "__pycache__" EXCLUDE)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
