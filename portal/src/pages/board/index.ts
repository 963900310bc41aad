export { Component as BoardPage } from './BoardPage';
