# cmake --install: the public headers, the libraries, the programs, and a package for find_package(tidemark), whose
# one target for services is tidemark::tidemark.
if(NOT TARGET tidemark_kit)
  return()
endif()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# tidemark_tidemark, because the command-line program takes the plain name.
add_library(tidemark_tidemark INTERFACE)
add_library(tidemark::tidemark ALIAS tidemark_tidemark)
target_link_libraries(tidemark_tidemark INTERFACE tidemark_kit Boost::headers)

get_property(modules GLOBAL PROPERTY TIDEMARK_MODULES)
list(APPEND modules tidemark_tidemark)
if(TARGET tidemark_asio)
  list(APPEND modules tidemark_asio)
endif()
foreach(module IN LISTS modules)
  string(REGEX REPLACE "^tidemark_" "" exported ${module})
  set_target_properties(${module} PROPERTIES EXPORT_NAME ${exported})
endforeach()
install(TARGETS ${modules} EXPORT tidemark-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT tidemark-targets NAMESPACE tidemark:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tidemark DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

foreach(program tidemark shop web accounts id-cards roles inventory payments)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endforeach()
# The pages and what /docs shows, where the programs look for them; they exist once they are built (make web).
install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/dist/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tidemark/web OPTIONAL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/dist-console/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tidemark/console OPTIONAL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/dist/docs/assets/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tidemark/docs OPTIONAL)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/dist/docs/assets/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tidemark/docs OPTIONAL)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tidemark-config.cmake.in
  ${PROJECT_BINARY_DIR}/tidemark-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tidemark-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tidemark-config.cmake ${PROJECT_BINARY_DIR}/tidemark-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark)
